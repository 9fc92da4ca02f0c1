/** Longer texts and patterns are left to the component: a manifest may be a stranger's, and control waits for nobody. */
const textCharsMax = 1000
const patternCharsMax = 500
const patternsMax = 1000

const compiled = new Map<string, RegExp | undefined>()

/**
 * Whether a text fits a pattern of a schema. Patterns that could take long are left to the component, which runs where that
 * harms nobody: those with a repetition or a choice inside of a repetition, with more than three repetitions without a
 * bound, with lookaround or with backreferences.
 */
export function fitsPattern(pattern: string, text: string): boolean {
  if (text.length > textCharsMax) return true
  if (!compiled.has(pattern)) {
    if (compiled.size >= patternsMax) compiled.clear()
    compiled.set(pattern, isQuick(pattern) ? compile(pattern) : undefined)
  }
  return compiled.get(pattern)?.test(text) ?? true
}

function isQuick(pattern: string): boolean {
  if (pattern.length > patternCharsMax || /\(\?<?[=!]|\\[1-9k]/.test(pattern)) return false
  const bare = pattern.replace(/\\.|\[(?:\\.|[^\]])*\]/gs, 'x')
  const repeatedGroup = /\)(?:[*+]|\{\d+,)/.test(bare)
  return !repeatedGroup && (bare.match(/[*+]|\{\d+,\}/g)?.length ?? 0) <= 3
}

function compile(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern, 'u')
  } catch {
    return undefined
  }
}
