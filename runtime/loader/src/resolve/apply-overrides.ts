import type { IndexLine } from '@ingot/manifest'
import { satisfies, valid, validRange } from 'semver'
import { LoaderError } from '../loader-error.ts'
import type { Override, ResolutionPolicy } from './resolution-policy.ts'

/**
 * Versions with what overrides replace replaced: where one selects something that satisfies a requirement, what it uses
 * stands there instead, even outside of the range.
 * @throws LoaderError `override-invalid`, and `override-expired` once its day has come.
 */
export function applyOverrides(
  module: string,
  inRange: readonly IndexLine[],
  all: readonly IndexLine[],
  { policy, now }: { readonly policy: ResolutionPolicy; readonly now: Date },
): readonly IndexLine[] {
  let lines = inRange
  for (const override of policy.overrides.filter(({ select }) => select.startsWith(`${module}@`))) {
    const range = selectedRange(override, module, now)
    const first = lines.find(({ v }) => satisfies(v, range))
    if (!first) continue
    const use = all.find(({ v }) => v === override.use)
    if (!use) throw problem('override-invalid', override, `found no version ${override.use} of "${module}"`)
    const isReplaced = (line: IndexLine): boolean => line !== use && satisfies(line.v, range)
    lines = lines.flatMap((line) => (line === first && !lines.includes(use) ? [use] : isReplaced(line) ? [] : [line]))
  }
  return lines
}

function selectedRange(override: Override, module: string, now: Date): string {
  const range = override.select.slice(module.length + 1)
  const expires = Date.parse(override.expires)
  if (validRange(range) === null || valid(override.use) === null || override.reason.trim() === '') {
    throw problem('override-invalid', override, 'want select = "@scope/name@<range>", a version as use, and a reason')
  }
  if (Number.isNaN(expires))
    throw problem(
      'override-invalid',
      override,
      `found expires = "${override.expires}", want a date such as "2027-01-01"`,
    )
  if (now.getTime() >= expires) {
    throw problem(
      'override-expired',
      override,
      `it expired on ${override.expires} (${override.reason})`,
      'remove it, or decide on a new date',
    )
  }
  return range
}

function problem(
  code: 'override-invalid' | 'override-expired',
  { select }: Override,
  found: string,
  hint?: string,
): LoaderError {
  return new LoaderError({
    code,
    message: `Cannot use the override of "${select}": ${found}`,
    ...(hint === undefined ? {} : { hint }),
  })
}
