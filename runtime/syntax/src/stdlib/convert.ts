import { toSecret } from '../convert/convert.ts'
import { openSecret } from '../value/secret.ts'
import { native } from './native-function.ts'

export const convertFunctions = [
  /** The only way from a secret to a string. */
  native('convert.nonsensitive', [toSecret], (secret) => openSecret(secret)!.text),
]
