/** Groups of devices, as people named them. */
import type { Group } from "../../protocol/api.ts";
import type { GroupName } from "../../protocol/names.ts";

export interface GroupStore {
  putGroup(group: Group): Promise<void>;
  deleteGroup(name: GroupName): Promise<boolean>;
  groups(): Promise<readonly Group[]>;
}
