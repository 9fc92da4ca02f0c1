import { checkFormat, type FormatName } from '@ingot/kits/formats'

/** What is wrong with a text of a format; offsets are in the text. */
export type FormatMistake = NonNullable<ReturnType<typeof checkFormat>>

/** Texts whose verdict is remembered. Configurations repeat the same few thousand expressions at every keystroke. */
const rememberedMax = 10_000
/** Longer texts are not worth the memory. */
const rememberedCharsMax = 2000

const remembered = new Map<string, FormatMistake | undefined>()

/** What is wrong with a text of a format, if anything. */
export function mistakeIn(format: FormatName, text: string): FormatMistake | undefined {
  if (text.length > rememberedCharsMax) return checkFormat(format, text)
  const key = `${format} ${text}`
  if (remembered.has(key)) return remembered.get(key)
  if (remembered.size >= rememberedMax) remembered.clear()
  const mistake = checkFormat(format, text)
  remembered.set(key, mistake)
  return mistake
}
