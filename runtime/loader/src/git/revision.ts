import { LoaderError } from '../loader-error.ts'

/** Longer names of tags and branches exist only to try what happens. */
const charactersMax = 255

/** Names that stand for a state of the clone rather than of the repository. */
const ownReferences = /^(?:@|(?:[A-Z]+_)*HEAD)$/

/** Checks that a text can name a tag, a branch or a commit, and nothing else that git understands. @throws LoaderError `git-invalid`. */
export function checkRevision(revision: string): void {
  const wrong = ownReferences.test(revision)
    ? 'want a tag, a branch or a commit, since this moves with the clone'
    : isName(revision)
      ? undefined
      : 'want the name of a tag or a branch, or the hash of a commit'
  if (wrong === undefined) return
  const message = `Cannot use the revision ${JSON.stringify(revision)}: ${wrong}`
  throw new LoaderError({ code: 'git-invalid', argument: 'revision', message })
}

/** The rules of `git check-ref-format`. */
function isName(text: string): boolean {
  if (text === '' || text.length > charactersMax || text.startsWith('-')) return false
  if (/[\p{Cc} ~^:?*[\\]|\.\.|@\{|\.$/u.test(text)) return false
  return text.split('/').every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'))
}

/** Whether the text can be the hash of a commit, or the beginning of one. */
export function isCommitHash(text: string): boolean {
  return /^[\da-f]{4,64}$/i.test(text)
}

/** Whether it is the whole hash: what that names never changes. */
export function isWholeHash(text: string): boolean {
  return /^(?:[\da-f]{40}|[\da-f]{64})$/i.test(text)
}
