/** A registry in memory. Names are compared as Windows does, without regard to case. */
import type { Registry } from "../../agent/machine-parts.ts";
import type { Result } from "../../agent/ports.ts";
import { at, type Instant } from "../../protocol/time.ts";
import { RegistryKey, type RegistryValue } from "../../protocol/registry.ts";

export class FakeRegistry implements Registry {
  private readonly values = new Map<string, RegistryValue>();

  /** @param key as HKLM\SOFTWARE\Acme. A number is a dword, a list a multi-string. */
  set(key: string, name: string, value: string | number | readonly string[]): this {
    const made: RegistryValue =
      typeof value === "string"
        ? { kind: "string", text: value }
        : typeof value === "number"
          ? { kind: "dword", number: value }
          : { kind: "multi-string", lines: [...value] };
    this.values.set(placeOf(RegistryKey.parse(key), name), made);
    return this;
  }

  async read(key: RegistryKey, name: string): Promise<Result<RegistryValue | undefined>> {
    return { kind: "ok", value: this.values.get(placeOf(key, name)) };
  }

  async writtenAt(key: RegistryKey): Promise<Result<Instant | undefined>> {
    const isThere = [...this.values.keys()].some((place) => place.startsWith(`${key}\\`.toLowerCase()));
    return { kind: "ok", value: isThere ? at("2026-11-20T08:00:00Z") : undefined };
  }

  async write(key: RegistryKey, name: string, value: RegistryValue): Promise<Result<void>> {
    this.values.set(placeOf(key, name), value);
    return { kind: "ok", value: undefined };
  }

  async remove(key: RegistryKey, name: string): Promise<Result<void>> {
    this.values.delete(placeOf(key, name));
    return { kind: "ok", value: undefined };
  }
}

const placeOf = (key: RegistryKey, name: string): string => `${key}\\${name}`.toLowerCase();
