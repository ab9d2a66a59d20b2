/**
 * Ends with a clear message on a Node that is too old, before anything newer is parsed.
 * Imported first, for its effect; keep the syntax of this file, and of the scripts that import it, old enough to load.
 */
const wanted = { major: 20, minor: 19 }
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < wanted.major || (major === wanted.major && minor < wanted.minor)) {
  process.stderr.write(
    `Hotshelf needs Node ${wanted.major}.${wanted.minor} or newer; this is Node ${process.versions.node} (${process.execPath}).\n` +
      'Install a newer one (https://nodejs.org, or `nvm install 22`) and run the command again.\n',
  )
  process.exit(1)
}
