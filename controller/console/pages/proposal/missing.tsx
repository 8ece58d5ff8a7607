/** What a plan still lacks: fields for what a person can find out, and the rest in words. */
import { TextInput } from "@mantine/core";
import type { LibraryParameters } from "../../../../protocol/library.ts";
import { Notice } from "../../components/notice.tsx";
import { faultOf, wantedOf } from "../../words/parameters.ts";
import styles from "./proposal.module.css";

interface MissingProps {
  readonly missing: readonly string[];
  readonly typed: LibraryParameters;
  readonly onType: (typed: LibraryParameters) => void;
}

export function Missing({ missing, typed, onType }: MissingProps) {
  if (missing.length === 0) return null;
  const wanted = wantedOf(missing);
  return (
    <Notice tone="bad">
      <p>
        <strong>Missing before a plan can be made:</strong>
      </p>
      {wanted.others.length > 0 && (
        <ul>
          {wanted.others.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      {wanted.typed.length > 0 && (
        <div className={styles["fields"]}>
          {wanted.typed.map((each) => {
            const value = typed[each.name] ?? "";
            return (
              <TextInput
                key={each.name}
                label={each.name}
                description={each.what}
                size="sm"
                maxLength={300}
                autoComplete="off"
                value={value}
                error={faultOf(each, value)}
                onChange={(event) => onType({ ...typed, [each.name]: event.currentTarget.value })}
              />
            );
          })}
        </div>
      )}
    </Notice>
  );
}
