import Foundation
import RefluxCore
import RefluxPluginHost
import RefluxTesting

// The worker program of the tests: serves plugins as `reflux plugin-worker` does, and for a folder
// without a manifest the doubles of `RefluxTesting`.
exit(PluginWorker.run())
