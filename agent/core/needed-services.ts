/**
 * Services and drivers without which Windows does not start, or nobody reaches it any more. Whoever approves a playbook sees
 * a short name among others; a fleet on which one of these is off comes back only by hand, machine by machine.
 *
 * Pure. No list is whole: drivers of vendors' disks are not named here. Setting one of these back to how Windows ships it
 * stays possible.
 */
import type { ServiceStart } from "../../protocol/playbook.ts";

const STARTS_AT_BOOT =
  "acpi cng clfs disk fileinfo fltmgr fvevol hwpolicy iorate ksecdd ksecpkg mountmgr ndis ntfs partmgr pci rdyboost spaceport " +
  "storahci stornvme storvsc tcpip vdrvroot vmbus volmgr volmgrx volsnap volume wdf01000 wof";
const STARTS_BY_ITSELF =
  "afd basicdisplay brokerinfrastructure coremessagingregistrar cryptsvc dcomlaunch dhcp dnscache eventlog gpsvc lsm msfs " +
  "netbt npfs nsi nsiproxy power profsvc rpceptmapper rpcss samss schedule systemeventsbroker tdx usermanager";
const STARTS_ON_DEMAND = "msiserver plugplay trustedinstaller";

/** How each may start. */
const MAY_START = new Map<string, readonly ServiceStart[]>([
  ...STARTS_AT_BOOT.split(" ").map((name) => [name, ["boot"]] as const),
  ...STARTS_BY_ITSELF.split(" ").map((name) => [name, ["boot", "system", "automatic"]] as const),
  ...STARTS_ON_DEMAND.split(" ").map((name) => [name, ["automatic", "manual"]] as const),
]);

export const isNeeded = (service: string): boolean => MAY_START.has(service.trim().toLowerCase());

/** Would Windows be without what it needs? */
export const wouldBeMissed = (service: string, start: ServiceStart): boolean =>
  MAY_START.get(service.trim().toLowerCase())?.includes(start) === false;
