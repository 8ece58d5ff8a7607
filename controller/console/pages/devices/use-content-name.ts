/** What the content version in the address is called: "acme.channel-291 291-37". Its digest until that is known. */
import { DeviceFacets } from "../../../../protocol/api-devices.ts";
import { useView } from "../../hooks/use-view.ts";

export function useContentName(source: string | null, sha256: string | null): string | undefined {
  const path = `/devices/facets?${new URLSearchParams({ find: sha256 ?? "", limit: "1" }).toString()}`;
  const view = useView(DeviceFacets, path, [], { when: sha256 !== null });
  const [version] = view.kind === "here" ? view.data.content.items : [];
  if (sha256 === null) return source === null ? undefined : `${source}, any version`;
  if (version?.sha256 === sha256) return `${version.source} ${version.label}`;
  return [source, sha256.slice(0, 12)].filter((part) => part !== null).join(" ");
}
