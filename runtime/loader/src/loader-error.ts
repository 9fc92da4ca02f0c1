/** Codes of what the loader can refuse; the command line prints them as it prints those of the language. */
export type LoaderErrorCode =
  | 'module-source-invalid'
  | 'component-invalid'
  | 'function-invalid'
  | 'native-import'
  | 'native-untrusted'
  | 'import-unresolved'
  | 'bundle-failed'
  | 'archive-invalid'
  | 'manifest-invalid'
  | 'cache-corrupt'
  | 'distribution-untrusted'
  | 'distribution-invalid'
  | 'lock-invalid'
  | 'lock-missing'
  | 'lock-disagrees'
  | 'registry-missing'
  | 'registry-conflict'
  | 'registry-unreachable'
  | 'registry-refused'
  | 'registry-untrusted'
  | 'module-revoked'
  | 'integrity-mismatch'
  | 'module-not-found'
  | 'version-not-found'
  | 'version-conflict'
  | 'version-changed'
  | 'resolution-too-large'
  | 'override-invalid'
  | 'override-expired'
  | 'git-missing'
  | 'git-invalid'
  | 'git-failed'
  | 'git-too-large'

/** One thing that is wrong: the action that failed, what was found and wanted, and the way out. */
export interface LoaderProblem {
  readonly code: LoaderErrorCode
  readonly message: string
  readonly hint?: string
  /** The `import.module` block that it is about, as `<file>#<namespace>`. */
  readonly import?: string
  /** The argument of the import that it is about. */
  readonly argument?: string
}

/** A mistake of the user or the world, never of ours. Several problems of one kind of check travel together. */
export class LoaderError extends Error {
  override readonly name = 'LoaderError'
  readonly code: LoaderErrorCode
  readonly hint: string | undefined
  readonly problems: readonly [LoaderProblem, ...LoaderProblem[]]

  constructor(problem: LoaderProblem | readonly [LoaderProblem, ...LoaderProblem[]], options?: ErrorOptions) {
    const problems = (Array.isArray(problem) ? problem : [problem]) as readonly [LoaderProblem, ...LoaderProblem[]]
    super(problems.map(({ message }) => message).join('\n'), options)
    this.code = problems[0].code
    this.hint = problems[0].hint
    this.problems = problems
  }
}

/** Does all of the work, then throws every problem at once: a user who mends one mistake should not meet the next one by one. */
export async function gatherProblems<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const problems: LoaderProblem[] = []
  for (const item of items) {
    try {
      results.push(await work(item))
    } catch (error) {
      if (!(error instanceof LoaderError)) throw error
      problems.push(...error.problems)
    }
  }
  const [first, ...rest] = problems
  if (first) throw new LoaderError([first, ...rest])
  return results
}
