/**
 * What is believed and why: hashes, signatures, statements, and the reading of archives that nobody vouches for yet.
 * Making and verifying stand side by side. It opens no file and no socket.
 */
export * from './archive/archive-error.ts'
export * from './archive/archive-limits.ts'
export * from './archive/read-archive.ts'
export * from './canonical-json.ts'
export * from './dsse.ts'
export * from './integrity.ts'
export * from './publish-statement.ts'
export * from './root-document.ts'
export * from './signing-key.ts'
