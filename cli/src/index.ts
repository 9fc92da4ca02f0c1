/** The command line as a value: what the reference pages are made from. It holds no logic that another room needs. */
export { commandLine } from './command-line.ts'
