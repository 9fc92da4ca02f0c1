/** A name without what people confuse, as `migrations/` folds those of before: names with one fold are near. */
export function foldName(name: string): string {
  return name.replaceAll('-', '').replaceAll('0', 'o').replaceAll('1', 'l').replaceAll('i', 'l')
}
