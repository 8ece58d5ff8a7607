/** Trails of Startup Repair in languages that no sample has, written as Windows lays them out. */
export interface TrailWords {
  readonly title: string;
  readonly lastBoot: string;
  readonly attempts: string;
  readonly session: string;
  /** Disk, Windows folder, check of the disk, number of causes. */
  readonly fields: readonly [string, string, string, string];
  readonly test: string;
  readonly name: string;
  readonly result: string;
  readonly done: string;
  readonly failed: string;
  readonly took: string;
  readonly cause: string;
  readonly action: string;
  readonly colon: string;
}
export const GERMAN: TrailWords = {
  title: "Starthilfe-Diagnose- und Reparaturprotokoll",
  lastBoot: "Letzter erfolgreicher Start",
  attempts: "Anzahl der Reparaturversuche",
  session: "Sitzungsdetails",
  fields: ["Systemdatenträger", "Windows-Verzeichnis", "AutoChk-Ausführung", "Anzahl der Ursachen"],
  test: "Durchgeführter Test",
  name: "Name",
  result: "Ergebnis",
  done: "Erfolgreich abgeschlossen. Fehlercode",
  failed: "Fehler. Fehlercode",
  took: "Dauer",
  cause: "Ursache gefunden",
  action: "Reparaturaktion",
  colon: ": ",
};
/** Wide colons, no letters with two cases, no spaces. */
export const JAPANESE: TrailWords = {
  title: "スタートアップ修復の診断と修復ログ",
  lastBoot: "前回の正常起動時刻",
  attempts: "修復試行回数",
  session: "セッションの詳細",
  fields: ["システム ディスク", "Windows ディレクトリ", "AutoChk の実行", "根本原因の数"],
  test: "実行されたテスト",
  name: "名前",
  result: "結果",
  done: "正常に完了しました。エラー コード",
  failed: "失敗しました。エラー コード",
  took: "所要時間",
  cause: "検出された根本原因",
  action: "修復操作",
  colon: "：",
};

interface TrailSession {
  readonly disk?: string;
  readonly folder?: string;
  readonly tests?: number;
  readonly causes?: readonly string[];
  /** Repairs of the last cause, with Windows' error code. */
  readonly actions?: readonly (readonly [name: string, code: number])[];
}

export function aTrail(
  words: TrailWords,
  { attempts = 1, lastBoot, sessions = [{}] }: TrailParts = {},
  lineEnd = "\r\n",
): string {
  const rule = "-".repeat(27);
  const { colon } = words;
  const lines = [words.title, rule];
  if (lastBoot !== undefined) lines.push(words.lastBoot + colon + lastBoot);
  lines.push(`${words.attempts}${colon}${attempts}`, "");
  const timed = (name: string, code: number): string[] => [
    name,
    `${words.result}${colon}${code === 0 ? words.done : words.failed} =  0x${code.toString(16).toUpperCase()}`,
    `${words.took} = 16 ms`,
    "",
  ];
  for (const session of sessions) {
    const { disk = "\\Device\\Harddisk0", folder = "C:\\Windows", tests = 2, causes = [], actions = [] } = session;
    const values = [disk, folder, "0", causes.length];
    lines.push(words.session, rule, ...words.fields.map((field, i) => `${field} = ${values[i] ?? ""}`), "");
    for (let i = 0; i < tests; i++)
      lines.push(words.test + colon, rule, ...timed(`${words.name}${colon}Test ${i + 1}`, 0));
    for (const [i, cause] of causes.entries()) {
      lines.push(words.cause + colon, rule, cause, "");
      if (i === causes.length - 1)
        for (const [name, code] of actions) lines.push(...timed(words.action + colon + name, code));
    }
    lines.push(rule, rule);
  }
  return lines.join(lineEnd) + lineEnd;
}
interface TrailParts {
  readonly attempts?: number;
  readonly lastBoot?: string;
  readonly sessions?: readonly TrailSession[];
}

/** As Windows writes it: UTF-16 with a mark in front and a NUL behind. */
export const asUtf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}\0`, "utf16le");
