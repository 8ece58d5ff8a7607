/** Something a person should know before going on. The tone's icon and the bold first words carry it without colour. */
import { IconAlertTriangle, IconInfoCircle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import styles from "./notice.module.css";

interface NoticeProps {
  readonly tone: "warn" | "bad" | "busy";
  readonly children: ReactNode;
  /** For what has just happened and cannot wait: a halt. */
  readonly alert?: boolean;
}

export function Notice({ tone, children, alert = false }: NoticeProps) {
  const Icon = tone === "busy" ? IconInfoCircle : IconAlertTriangle;
  return (
    <div className={styles["notice"]} data-tone={tone} role={alert ? "alert" : undefined}>
      <Icon size={20} aria-hidden />
      <div>{children}</div>
    </div>
  );
}
