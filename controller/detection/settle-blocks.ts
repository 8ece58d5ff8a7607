/** Putting devices into blocks, and everything that is kept by slot with them. */
import type { State } from "./state.ts";

export function settleBlocks(state: State): void {
  const { columns, blocks } = state;
  if (columns.size === 0) return;
  if (blocks.isEmpty && state.restoredBlocks !== null) {
    blocks.restore(state.restoredBlocks, state.restoredBuilt);
    state.restoredBlocks = null;
    return;
  }
  const oldBlock = Uint32Array.from({ length: columns.size }, (_, slot) => columns.block.get(slot));
  const oldStarts = Array.from({ length: blocks.count }, (_, block) => blocks.start(block));
  const order = blocks.rebuild();
  for (const { exposures } of state.versions.values()) {
    exposures.move(order, oldBlock, (block) => oldStarts[block] as number);
  }
  if (state.settings.keepsChanges === true) state.allDevicesChanged = true;
}
