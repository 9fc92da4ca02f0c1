/**
 * Texts with a grammar of their own, by the name that a manifest calls it: what is wrong with one, and where in it. For
 * checkers of configurations; components import what they use from the package itself.
 */
import { FormatError, type FormatMistake } from '../format-error.ts'
import { compileRegexp } from '../regexp/compile-regexp.ts'
import { parseSelector } from '../selector/parse-selector.ts'
import { checkTemplate } from './go-template/check-template.ts'
import { checkJmespath } from './jmespath.ts'
import { checkLabelName, checkUtf8LabelName } from './label-name.ts'
import { checkTimeZone } from './time-zone.ts'
import { checkHttpUrl, checkUrl } from './url.ts'

const formats = {
  regexp: thrownBy(compileRegexp),
  url: checkUrl,
  http_url: checkHttpUrl,
  label_name: checkLabelName,
  utf8_label_name: checkUtf8LabelName,
  time_zone: checkTimeZone,
  jmespath: checkJmespath,
  selector: thrownBy(parseSelector),
  go_template: checkTemplate,
} satisfies Readonly<Record<string, (text: string) => FormatMistake | undefined>>

export type FormatName = keyof typeof formats

export const formatNames = Object.keys(formats) as FormatName[]

export function isFormat(name: string): name is FormatName {
  return Object.hasOwn(formats, name)
}

/** What is wrong with a text of a format, if anything. */
export function checkFormat(name: FormatName, text: string): FormatMistake | undefined {
  return formats[name](text)
}

function thrownBy(parse: (text: string) => unknown): (text: string) => FormatMistake | undefined {
  return (text) => {
    try {
      parse(text)
      return undefined
    } catch (error) {
      if (error instanceof FormatError) return error.mistake
      throw error
    }
  }
}
