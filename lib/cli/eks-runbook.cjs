#!/usr/bin/env node
'use strict'
// Plain JavaScript that parses on old Node: it answers --version, then runs main here on Node 24 or starts a Node 24 that does.

const path = require('path')
const fs = require('fs')

const neededMajor = 24
const here = __dirname
const argv = process.argv.slice(2)

if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
  process.stdout.write(require('../../package.json').version + '\n')
} else if (majorOf(process.versions.node) >= neededMajor) {
  runHere()
} else {
  runOn(findPinnedNode(here))
}

function runHere() {
  const module = require('module')
  if (module.enableCompileCache) module.enableCompileCache()
  if (process.env.EKS_RUNBOOK_LAUNCHED === '1' && process.channel) {
    delete process.env.EKS_RUNBOOK_LAUNCHED
    process.on('disconnect', function () {
      process.exit(1)
    })
    process.channel.unref()
  }
  const source = path.join(here, 'main.ts')
  const main = fs.existsSync(source) ? source : path.join(here, '../../dist/lib/cli/main.js')
  void import(require('url').pathToFileURL(main).href).then(function (loaded) {
    return loaded.main(argv)
  })
}

function runOn(node) {
  if (!node) {
    process.stderr.write(
      'R051 Cannot start eks-runbook: expected Node.js ' +
        neededMajor +
        ' or newer, found ' +
        process.version +
        ' and no pinned node package beside this one. Hint: npx --yes --package=node@' +
        neededMajor +
        ' -- node ' +
        __filename +
        ' ' +
        argv.join(' ') +
        '\n',
    )
    process.exitCode = 1
    return
  }
  const child = require('child_process').spawn(node, [__filename].concat(argv), {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: Object.assign({}, process.env, { EKS_RUNBOOK_LAUNCHED: '1' }),
  })
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  signals.forEach(function (signal) {
    process.on(signal, function () {
      child.kill(signal)
    })
  })
  child.on('error', function (error) {
    process.stderr.write('R051 Cannot start eks-runbook: ' + node + ': ' + error.message + '. Hint: npm ci\n')
    process.exitCode = 1
  })
  child.on('exit', function (code, signal) {
    signals.forEach(function (name) {
      process.removeAllListeners(name)
    })
    if (signal) process.kill(process.pid, signal)
    else process.exitCode = code === null ? 1 : code
  })
}

/** The `node` package in node_modules of this package or of a folder above it. */
function findPinnedNode(folder) {
  for (let at = folder; ; at = path.dirname(at)) {
    const candidate = path.join(at, 'node_modules', 'node')
    if (pinnedMajor(candidate) >= neededMajor) return path.join(candidate, 'bin', 'node')
    if (path.dirname(at) === at) return undefined
  }
}

function pinnedMajor(folder) {
  try {
    if (!fs.existsSync(path.join(folder, 'bin', 'node'))) return 0
    return majorOf(JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')).version)
  } catch {
    return 0
  }
}

function majorOf(version) {
  return Number(version.split('.')[0])
}
