/**
 * The packages that a lockfile should name for other platforms than the one it was written on: read from the optional
 * dependencies of what it holds. Pure.
 */

/** Packages with the missing ones in their place, and the names of those. */
export function completeLockfile(packages) {
  const complete = { ...packages }
  const added = []
  for (const [owner, entry] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (isNamed(complete, owner, name)) continue
      const platform = platformOf(name)
      // Without an exact version or a platform that keeps it off this machine, npm itself has to find out.
      if (!/^\d+\.\d+\.\d+/.test(version) || !platform) continue
      complete[`node_modules/${name}`] = {
        version,
        ...inherited(entry),
        ...platform,
        optional: true,
      }
      added.push(`${name}@${version}`)
    }
  }
  return { packages: inNpmsOrder(complete), added }
}

/** As Node resolves: beside the owner, or in a node_modules above it. */
function isNamed(packages, owner, name) {
  for (let place = owner; ; place = place.slice(0, Math.max(0, place.lastIndexOf('/node_modules/')))) {
    if (packages[`${place === '' ? '' : `${place}/`}node_modules/${name}`]) return true
    if (place === '') return false
    if (!place.includes('/node_modules/')) {
      return packages[`node_modules/${name}`] !== undefined
    }
  }
}

const inherited = ({ dev, license }) => ({ ...(dev ? { dev } : {}), ...(license ? { license } : {}) })

const systems = ['android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32']
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64']
const libraries = { musl: 'musl', musleabihf: 'musl', gnu: 'glibc', gnueabihf: 'glibc' }

/** `@oxlint/binding-linux-x64-musl` → linux, x64, musl. */
function platformOf(name) {
  const words = name.split(/[/-]/)
  const os = systems.find(system => words.includes(system))
  const cpu = processors.find(processor => words.includes(processor))
  if (!os || !cpu) return undefined
  const libc = words.map(word => libraries[word]).find(Boolean)
  return { os: [os], cpu: [cpu], ...(os === 'linux' && libc ? { libc: [libc] } : {}) }
}

/** The root and the workspaces first, then node_modules by name: npm rewrites the file otherwise. */
function inNpmsOrder(packages) {
  return Object.fromEntries(Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en')))
}
