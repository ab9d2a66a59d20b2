// The package's public face: the command line as a function.
export { runCli } from './run-cli.ts'
