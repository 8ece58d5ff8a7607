/** What a reader answers to a file that is not of its kind: no failure, other readers may know it. */
export interface NotOne {
  readonly kind: "not-one";
  /** A predicate for a person, after the file's name: "is a dump of a 32-bit kernel; …". */
  readonly because: string;
}

export const notOne = (because: string): NotOne => ({ kind: "not-one", because });
