import { type EmptyText, text, type TextFormat } from '@ingot/sdk'
import type { z } from 'zod'
import { type FormatMistake, mistakesOf } from '../format-error.ts'
import { compileRegexp } from '../regexp/compile-regexp.ts'
import { parseSelector } from '../selector/parse-selector.ts'
import { checkLabelName } from './label-name.ts'
import { checkTimeZone } from './time-zone.ts'
import { checkHttpUrl } from './url.ts'

/*
 * Texts with a grammar of their own, as arguments: the manifest names the grammar, and the component refuses what is not
 * in it.
 */

/** A regular expression in RE2 syntax. */
export function checkedRegexp() {
  return checked('regexp', mistakesOf(compileRegexp))
}

/** A LogQL stream selector with line filters. */
export function selector() {
  return checked('selector', mistakesOf(parseSelector))
}

/** An http or https URL. */
export function httpUrl(options: TextOptions = {}) {
  return checked('http_url', checkHttpUrl, options)
}

/** A label name of letters, digits and underscores. */
export function labelName() {
  return checked('label_name', checkLabelName)
}

/** An IANA name of a time zone; nothing stands for UTC. */
export function timeZone() {
  return checked('time_zone', checkTimeZone)
}

interface TextOptions {
  readonly empty?: EmptyText
}

function checked(
  format: TextFormat,
  check: (value: string) => FormatMistake | undefined,
  options: TextOptions = {},
): z.ZodString {
  const schema = text(format, options)
  const refined = schema.superRefine((value, ctx) => {
    const mistake = value === '' && options.empty ? undefined : check(value)
    if (mistake) ctx.addIssue({ code: 'custom', message: mistake.reason })
  })
  return refined.meta({ ...schema.meta() })
}
