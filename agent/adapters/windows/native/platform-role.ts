/**
 * What kind of machine the firmware says that this is.
 * https://learn.microsoft.com/windows/win32/api/powerbase/nf-powerbase-powerdetermineplatformroleex
 */
import { koffi } from "./koffi.ts";

const VERSION_2 = 2;
const library = koffi.load("powrprof.dll");
const PowerDeterminePlatformRoleEx = library.func(
  "int32_t __stdcall PowerDeterminePlatformRoleEx(uint32_t version)",
) as (version: number) => number;

/** As POWER_PLATFORM_ROLE counts them; 0: not known. */
export const platformRole = (): number => PowerDeterminePlatformRoleEx(VERSION_2);
