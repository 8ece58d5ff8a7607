/** Who lets a device in: the token's rule, or a person. Pure. */
import { BlockList, isIPv6 } from "node:net";
import type { TokenAcceptance } from "../../protocol/enrolment.ts";

export interface Verdict {
  readonly standing: "pending" | "accepted";
  readonly because: string;
}

/** @param address of the device, as the connection or a trusted front says; anything that is no address is in no network */
export function verdictOf(acceptance: TokenAcceptance, token: string, address: string): Verdict {
  if (acceptance.kind === "person")
    return { standing: "pending", because: `It enrolled with token ${token} and waits for a person to accept it.` };
  if (acceptance.networks === undefined)
    return { standing: "accepted", because: `Token ${token} accepts at once whoever enrols with it.` };
  const plain = address.replace(/^::ffff:(?=\d+\.)/, "");
  return isIn(plain, acceptance.networks)
    ? { standing: "accepted", because: `Token ${token} accepts at once what enrols from its networks.` }
    : {
        standing: "pending",
        because: `It did not enrol from a network of token ${token}, so a person has to accept it.`,
      };
}

function isIn(address: string, networks: readonly string[]): boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [base = "", bits = ""] = network.split("/");
    list.addSubnet(base, Number(bits), isIPv6(base) ? "ipv6" : "ipv4");
  }
  return list.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}
