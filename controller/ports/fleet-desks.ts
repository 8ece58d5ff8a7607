/** What people may ask about devices: the fleet, one of them, and how they become known. */
import type { z } from "zod";
import type { BootPage, BootQuery, OrderPage, OrderQuery, ReportPage, ReportQuery } from "../../protocol/api-device.ts";
import type { DeviceFacetQuery, DeviceFacets, DevicePage, DeviceQuery } from "../../protocol/api-devices.ts";
import type { ContentList, DeviceRegistration, DeviceView, Group, GroupList, Overview } from "../../protocol/api.ts";
import type { TokenList, TokenMade, TokenRequest } from "../../protocol/enrolment.ts";
import type { DeviceId, TokenId } from "../../protocol/ids.ts";
import type { GroupName } from "../../protocol/names.ts";

export interface FleetDesk {
  overview(): Promise<Overview>;
  registerDevice(device: DeviceRegistration): Promise<{ readonly created: boolean; readonly device: DeviceView }>;
  devices(query: z.output<typeof DeviceQuery>): Promise<z.infer<typeof DevicePage>>;
  /** What devices can be filtered by, with how many of them each choice would leave. */
  deviceFacets(query: z.output<typeof DeviceFacetQuery>): Promise<z.infer<typeof DeviceFacets>>;
  groups(): Promise<z.infer<typeof GroupList>>;
  putGroup(group: Group): Promise<void>;
  deleteGroup(name: GroupName): Promise<void>;
  content(): Promise<z.infer<typeof ContentList>>;
}

export interface DeviceDesk {
  device(id: DeviceId): Promise<DeviceView>;
  /** Newest first, like every list of one device. */
  deviceBoots(id: DeviceId, query: z.output<typeof BootQuery>): Promise<z.infer<typeof BootPage>>;
  deviceReports(id: DeviceId, query: z.output<typeof ReportQuery>): Promise<z.infer<typeof ReportPage>>;
  deviceOrders(id: DeviceId, query: z.output<typeof OrderQuery>): Promise<z.infer<typeof OrderPage>>;
}

export interface EnrolmentDesk {
  /** The token is in this answer and nowhere else. */
  makeEnrolmentToken(request: z.output<typeof TokenRequest>, by: string): Promise<z.infer<typeof TokenMade>>;
  enrolmentTokens(): Promise<z.infer<typeof TokenList>>;
  revokeEnrolmentToken(id: TokenId, by: string): Promise<void>;
  setStanding(id: DeviceId, standing: "accepted" | "revoked", by: string, because: string): Promise<DeviceView>;
}
