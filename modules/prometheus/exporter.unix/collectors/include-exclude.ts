import { compileRegexp } from '@ingot/kits'

/** Whether a name is to be shown: it matches what is included, and not what is excluded. An empty pattern means none. */
export function includeExclude(include: string | undefined, exclude: string | undefined): (name: string) => boolean {
  const included = include ? compileRegexp(include) : undefined
  const excluded = exclude ? compileRegexp(exclude) : undefined
  return (name) => (included?.test(name) ?? true) && !(excluded?.test(name) ?? false)
}
