import type { Formats } from '@ingot/check'
import { compileRegexp } from '@ingot/kits'

const labelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/

/** Checks of texts that have a grammar of their own: each says what is wrong. */
export const valueFormats: Formats = {
  regexp: (text) => {
    try {
      compileRegexp(text)
      return undefined
    } catch (error) {
      return (error as Error).message
    }
  },
  label_name: (text) =>
    labelName.test(text) ? undefined : 'want letters, digits and underscores, not starting with a digit',
  url: (text) => (URL.canParse(text) ? undefined : 'want an absolute URL, such as "http://host:port/path"'),
}
