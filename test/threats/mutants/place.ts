/** The guards that hold an order to its device and its wave. */
import { at, type Mutant, never } from "./mutant.ts";

export const PLACE_MUTANTS: readonly Mutant[] = [
  {
    name: "the mailbox may call an order as it likes",
    file: "agent/core/admission-set.ts",
    ...never("offer.orderId !== order.orderId"),
    test: at("12"),
    title: "called by the id of Y",
  },
  {
    name: "an order comes with any statement",
    file: "agent/core/admission-set.ts",
    ...never("order.statementDigest !== statementDigest || order.planId !== statement.planId"),
    test: at("12"),
    title: "the order of X with the statement of Y",
    quick: true,
  },
  {
    name: "a neighbour's order is taken",
    file: "agent/core/admission-set.ts",
    ...never("order.deviceId !== deviceId"),
    test: at("13"),
    title: "a neighbour's order",
  },
  {
    name: "nobody needs to be in the wave",
    file: "agent/core/admission-set.ts",
    ...never("!isInTree(leaf, order.proof, wave.size, wave.root)"),
    test: at("13"),
    title: "in no wave by any",
    quick: true,
  },
  {
    name: "any index is in the tree",
    file: "protocol/merkle.ts",
    find: "return sn === 0 && bytesToHex(hash) === root;",
    replace: "return sn === 0;",
    test: at("13"),
    title: "in no wave by any",
  },
  {
    name: "no gate has to pass",
    file: "agent/core/admission-set.ts",
    ...never("order.wave === 0 ? gate !== null : gate?.wave !== order.wave - 1"),
    test: at("13"),
    title: "does not begin with",
    quick: true,
  },
];
