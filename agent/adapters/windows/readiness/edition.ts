/** Which Windows this is, and on what kind of machine: from the registry alone, so fast and the same in every language. */
import type { Registry } from "../../../machine-parts.ts";
import { numberIfKnown, textIfKnown } from "../registry-text.ts";

export interface Edition {
  /** As Windows says it; Windows 11 says "Windows 10" here, the build tells them apart. */
  readonly product: string | undefined;
  /** As 23H2. */
  readonly version: string | undefined;
  /** As 22631.3007. */
  readonly build: string | undefined;
  /** Client, Server, Server Core, Nano Server. */
  readonly installation: string | undefined;
  /** WinNT, ServerNT, LanmanNT (a domain controller). */
  readonly productType: string | undefined;
  /** IMAGE_STATE_COMPLETE once Windows is set up; another while an image is made. */
  readonly imageState: string | undefined;
  readonly maker: string | undefined;
  readonly model: string | undefined;
  /** Undefined: its maker and model say nothing of it. */
  readonly isVirtual: boolean | undefined;
}

const CURRENT_VERSION = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion";
const IMAGE = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Setup\\State";
const BIOS = "HKLM\\HARDWARE\\DESCRIPTION\\System\\BIOS";
const PRODUCT_OPTIONS = "HKLM\\SYSTEM\\CurrentControlSet\\Control\\ProductOptions";
/** How hypervisors call the machines that they make. */
const VIRTUAL =
  /vmware|virtual machine|virtualbox|\bkvm\b|qemu|\bxen\b|hvm domu|amazon ec2|google compute|parallels|nutanix|bochs/i;

export async function readEdition(registry: Registry): Promise<Edition> {
  const text = (key: string, name: string) => textIfKnown(registry, key, name);
  const [product, version, build, revision, installation, productType, imageState, maker, model] = await Promise.all([
    text(CURRENT_VERSION, "ProductName"),
    text(CURRENT_VERSION, "DisplayVersion"),
    text(CURRENT_VERSION, "CurrentBuild"),
    numberIfKnown(registry, CURRENT_VERSION, "UBR"),
    text(CURRENT_VERSION, "InstallationType"),
    text(PRODUCT_OPTIONS, "ProductType"),
    text(IMAGE, "ImageState"),
    text(BIOS, "SystemManufacturer"),
    text(BIOS, "SystemProductName"),
  ]);
  const known = `${maker ?? ""} ${model ?? ""}`.trim();
  return {
    product,
    version,
    build: build === undefined || revision === undefined ? build : `${build}.${revision}`,
    installation,
    productType,
    imageState,
    maker,
    model,
    isVirtual: known === "" ? undefined : VIRTUAL.test(known),
  };
}
