/** Checks of text that the checker has no grammar for: each says what is wrong, or `undefined`. */
export interface Formats {
  readonly regexp?: FormatCheck
  readonly label_name?: FormatCheck
  readonly url?: FormatCheck
}
export type FormatCheck = (text: string) => string | undefined
