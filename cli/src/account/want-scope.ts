import { CommandError } from '../command-error.ts'

/** @throws CommandError for what is no scope. */
export function wantScope(text: string): string {
  if (/^@[a-z0-9-]+$/.test(text)) return text
  throw new CommandError(`Cannot find the scope "${text}": want one such as "@acme"`)
}
