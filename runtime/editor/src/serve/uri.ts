import { fileURLToPath, pathToFileURL } from 'node:url'
import { isAbsolute } from 'node:path'

/** What a document is known by: its path, or its URI when it is in no file. */
export function nameOfUri(uri: string): string {
  if (!uri.startsWith('file:')) return uri
  try {
    return fileURLToPath(uri)
  } catch {
    return uri
  }
}

export function uriOf(name: string): string {
  return isAbsolute(name) ? pathToFileURL(name).href : name
}
