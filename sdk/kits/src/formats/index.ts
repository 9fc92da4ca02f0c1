/**
 * Texts with a grammar of their own, by the name that a manifest calls it: what is wrong with one, and where in it. For
 * checkers of configurations; components import what they use from the package itself.
 */
import { type FormatMistake, mistakesOf } from '../format-error.ts'
import { compileRegexp } from '../regexp/compile-regexp.ts'
import { parseSelector } from '../selector/parse-selector.ts'
import { checkTemplate } from './go-template/check-template.ts'
import { checkJmespath } from './jmespath.ts'
import { checkLabelName, checkUtf8LabelName } from './label-name.ts'
import { checkTimeLayout } from './time-layout.ts'
import { checkTimeZone } from './time-zone.ts'
import { checkHttpUrl, checkUrl } from './url.ts'

const formats = {
  regexp: mistakesOf(compileRegexp),
  url: checkUrl,
  http_url: checkHttpUrl,
  label_name: checkLabelName,
  utf8_label_name: checkUtf8LabelName,
  time_layout: checkTimeLayout,
  time_zone: checkTimeZone,
  jmespath: checkJmespath,
  selector: mistakesOf(parseSelector),
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
