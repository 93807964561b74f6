#!/usr/bin/env node
// A file of its own, outside dist: npm links commands before the packages of a fresh clone are built.
import '../dist/command/hyperkit-reconcile.js'
