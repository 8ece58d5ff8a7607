/**
 * What the installer does, as the source that wixl compiles. What wixl cannot say is added by `database.ts`.
 *
 * Invariants: everything is done per machine, for 64-bit Windows; what an upgrade without properties removes with the old
 * version (the values in the registry) is read before, and written again.
 */
import { join } from "node:path";
import type { Architecture } from "./parts.ts";
import { guidOf } from "./guid.ts";

const SERVICE_NAME = "RingbackAgent";
const SETTINGS_KEY = "SOFTWARE\\Ringback\\Agent";
export const CABINET = "agent.cab";
const SAFE_BOOT = "SYSTEM\\CurrentControlSet\\Control\\SafeBoot";
const EVENT_SOURCE = "SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\Ringback";
/**
 * Ships with every Windows, and has a text for every event id from 1 to 1000: what the event itself says. So no library
 * of our own stays loaded by the event viewer. Written with its variable, which `database.ts` marks as one.
 */
export const EVENT_TEXTS = "%SystemRoot%\\System32\\EventCreate.exe";

/** What may be given on the command line, and what each is called in the registry. */
export const PROPERTIES = {
  CONTROLLER_URL: "ControllerUrl",
  ENROLMENT_TOKEN_FILE: "TokenFile",
  CA_SHA256: "CaSha256",
  TRUST_ROOT_SHA256: "TrustRootSha256",
  DEVICE_GROUP: "DeviceGroup",
  BINDING: "Binding",
  PROXY: "Proxy",
  /** `1`: uninstalling leaves the state. It stands in the registry, so it can be said long before. */
  KEEP_STATE: "KeepState",
} as const;

/** What stood in the registry of each, found when the installer starts. */
export const KEPT = "KEPT_";

/** Not when another version comes (Windows Installer says so to the old one), and not when the state is to be kept. */
const WHEN_FORGOTTEN = 'REMOVE="ALL" AND NOT UPGRADINGPRODUCTCODE AND NOT KEEP_STATE="1"';

export interface PackagedFile {
  /** The folder it goes into, and in which it waits: `""`, `app`, ... */
  readonly folder: string;
  readonly name: string;
}

export interface PackageSource {
  readonly architecture: Architecture;
  /** Three numbers: Windows Installer looks at no fourth. */
  readonly version: string;
  readonly files: readonly PackagedFile[];
}

const productCode = ({ architecture, version }: Pick<PackageSource, "architecture" | "version">): string =>
  guidOf("product", architecture, version);
/** The same for all versions and both processors: whatever is installed, there is one agent on a machine. */
export const UPGRADE_CODE = guidOf("upgrade");

export function wxsOf(source: PackageSource): string {
  const folders = [...new Set(source.files.map(({ folder }) => folder))].filter((folder) => folder !== "").toSorted();
  const components = ["Program", "Settings", "SafeBoot", "EventSource", ...folders.map(idOf)];
  return `<?xml version="1.0" encoding="utf-8"?>
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
  <Product Id="${productCode(source)}" Name="Ringback Agent" Version="${source.version}" Manufacturer="Ringback"
    Language="1033" UpgradeCode="${UPGRADE_CODE}">
    <Package InstallerVersion="500" Compressed="yes" InstallScope="perMachine" Description="Ringback Agent"
      Comments="Reports every boot and carries out orders that approvers have signed." />
    <Condition Message="The Ringback agent needs a 64-bit Windows.">VersionNT64</Condition>
    <MajorUpgrade DowngradeErrorMessage="A newer version of the Ringback agent is installed." />
    <Media Id="1" Cabinet="${CABINET}" EmbedCab="no" CompressionLevel="none" />
    <Property Id="ARPNOMODIFY" Value="1" />
    <Property Id="ARPCOMMENTS" Value="Reports every boot and carries out orders that approvers have signed." />
    <Property Id="ARPCONTACT" Value="Ringback" />
    <Property Id="REINSTALLMODE" Value="amus" />
${Object.entries(PROPERTIES).map(searchFor).join("\n")}
    <Directory Id="TARGETDIR" Name="SourceDir">
      <Directory Id="CommonAppDataFolder" />
      <Directory Id="ProgramFiles64Folder">
        <Directory Id="VENDORDIR" Name="Ringback">
          <Directory Id="INSTALLDIR" Name="Agent">
${programComponent(source)}
${settingsComponent(source)}
${component(source, "SafeBoot", safeBootValues)}
${folders.map((folder) => folderOf(source, folder)).join("\n")}
          </Directory>
${component(source, "EventSource", `${eventSourceValues}\n${removeVendorFolder}`)}
        </Directory>
      </Directory>
    </Directory>
    <Feature Id="Agent" Level="1">
${components.map((id) => `      <ComponentRef Id="${id}" />`).join("\n")}
    </Feature>
    <CustomAction Id="ForgetState" FileKey="${idOf("_node.exe")}" Execute="deferred" Impersonate="no" Return="ignore"
      ExeCommand="&quot;[INSTALLDIR]app\\main-windows.mjs&quot; forget" />
    <InstallExecuteSequence>
      <Custom Action="ForgetState" After="DeleteServices">${WHEN_FORGOTTEN}</Custom>
${Object.keys(PROPERTIES).map(keep).join("\n")}
    </InstallExecuteSequence>
  </Product>
</Wix>
`;
}

/** Also its name in the cabinet. */
export const fileId = ({ folder, name }: PackagedFile): string => idOf(`${folder}_${name}`);
const idOf = (name: string): string => `F_${name.replaceAll(/[^A-Za-z0-9_.]/g, "_")}`;

/** Into another property: a search into the public one would win over the command line. */
const searchFor = ([property, value]: [string, string]): string => `    <Property Id="${KEPT}${property}">
      <RegistrySearch Id="Find_${property}" Root="HKLM" Key="${SETTINGS_KEY}" Name="${value}" Type="raw" Win64="yes" />
    </Property>
    <CustomAction Id="Keep_${property}" Property="${property}" Value="[${KEPT}${property}]" Impersonate="yes" />`;
const keep = (property: string): string =>
  `      <Custom Action="Keep_${property}" After="AppSearch">${KEPT}${property} AND NOT ${property}</Custom>`;

/**
 * Another one for each version: with the same, Windows Installer compares the new program with the old one and may choose to
 * install none, before it removes the old one. For that reason, too, an installation puts each file (REINSTALLMODE `a`), also
 * a program that is older than the one on the machine.
 */
const component = (source: PackageSource, id: string, inside: string): string =>
  `            <Component Id="${id}" Guid="${guidOf("component", source.architecture, source.version, id)}" Win64="yes">
${inside}
            </Component>`;

const fileElement = ({ folder, name }: PackagedFile, isKey: boolean): string =>
  `              <File Id="${fileId({ folder, name })}" Name="${name}" Source="${xml(join(folder, name))}"${isKey ? ' KeyPath="yes"' : ""} />`;

/** The service runs node.exe; the path is quoted by Windows Installer, which the agent looks at when it starts. */
function programComponent(source: PackageSource): string {
  const files = source.files.filter(({ folder }) => folder === "");
  const args = `--max-semi-space-size=1 "[INSTALLDIR]app\\main-windows.mjs" service`;
  return component(
    source,
    "Program",
    `${files.map((file) => fileElement(file, file.name === "node.exe")).join("\n")}
              <ServiceInstall Id="Service" Name="${SERVICE_NAME}" DisplayName="Ringback Agent"
                Description="Reports every boot and carries out orders that approvers have signed." Type="ownProcess"
                Start="auto" ErrorControl="normal" Account="LocalSystem" Vital="yes" Arguments="${xml(args)}" />
              <ServiceControl Id="ServiceControl" Name="${SERVICE_NAME}" Start="install" Stop="both" Remove="uninstall"
                Wait="yes" />
              <RemoveFolder Id="RemoveProgram" On="uninstall" />`,
  );
}

const valueOf = (key: string, name: string | undefined, type: "string" | "integer", value: string, isKey = false) =>
  `              <RegistryValue Root="HKLM" Key="${key}"${name === undefined ? "" : ` Name="${name}"`} Type="${type}" Value="${value}"${isKey ? ' KeyPath="yes"' : ""} />`;

function settingsComponent(source: PackageSource): string {
  const values = Object.entries(PROPERTIES).map(([property, name]) =>
    valueOf(SETTINGS_KEY, name, "string", `[${property}]`),
  );
  const state = valueOf(SETTINGS_KEY, "StateFolder", "string", "[CommonAppDataFolder]Ringback", true);
  return component(source, "Settings", [state, ...values].join("\n"));
}

/** In safe mode Windows starts what is listed here, and nothing else. */
const safeBootValues = ["Minimal", "Network"]
  .map((mode, index) => valueOf(`${SAFE_BOOT}\\${mode}\\${SERVICE_NAME}`, undefined, "string", "Service", index === 0))
  .join("\n");

const eventSourceValues = [
  valueOf(EVENT_SOURCE, "EventMessageFile", "string", EVENT_TEXTS, true),
  valueOf(EVENT_SOURCE, "TypesSupported", "integer", "7"),
].join("\n");

/** A folder is removed by a component that is in it. */
const removeVendorFolder = `              <RemoveFolder Id="RemoveVendor" On="uninstall" />`;

function folderOf(source: PackageSource, folder: string): string {
  const id = idOf(folder);
  const files = source.files.filter((file) => file.folder === folder);
  return `            <Directory Id="Folder_${id}" Name="${folder}">
${component(
  source,
  id,
  `${files.map((file, index) => fileElement(file, index === 0)).join("\n")}
              <RemoveFolder Id="Remove_${id}" On="uninstall" />`,
)}
            </Directory>`;
}

const xml = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
