import RefluxCore
import RefluxPluginHost

extension ChildTest {
    /// An instance with the ordinary settings, and one with the defaults where these are others.
    func checkCreation(_ exercise: some Exercise) throws {
        _ = try exercise.make(bench)
        guard let defaults = try configurations.defaults(), defaults != bench.configuration else {
            return
        }
        do {
            _ = try exercise.make(bench.with(configuration: defaults))
        } catch let error as RefluxError where error.isHonestRefusal {
            // A golden case shows settings that work; the defaults may ask for more.
            return
        }
    }

    /// Configurations that the schema must refuse: the plugin never sees them.
    func checkBadConfigurations() throws {
        for (what, settings) in configurations.wrong {
            guard (try? configurations.whole(settings)) == nil else {
                throw bench.failure(
                    "create.bad-configuration", found: "\(what) is accepted",
                    wanted: "a schema that refuses it", remedy: "Tighten the schema.")
            }
        }
    }

    /// Settings at their limits work, or are refused in words.
    func checkLimits<E: Exercise>(_ exercise: E) async throws {
        for (what, settings) in configurations.limits {
            guard let configuration = try? configurations.whole(settings) else { continue }
            let bench = bench.with(configuration: configuration)
            do {
                let part = try exercise.make(bench)
                // What it answers may be an error, but no damage.
                if case .refusal(let error) = try await exercise.outcome(of: 0, from: part),
                    Self.damage.contains(error.check ?? "")
                {
                    throw error
                }
            } catch var error as RefluxError {
                guard !error.isHonestRefusal else { continue }
                error.found = "with \(what): \(error.found)"
                throw error
            }
        }
    }

    /// Every error that can be caused from outside has a text.
    func checkErrors<E: Exercise>(_ exercise: E) async throws {
        for (what, settings) in configurations.limits {
            guard let configuration = try? configurations.whole(settings) else { continue }
            do {
                let part = try exercise.make(bench.with(configuration: configuration))
                for input in 0..<exercise.inputCount {
                    if case .refusal(let error) = try await exercise.outcome(of: input, from: part)
                    {
                        throw error
                    }
                }
            } catch var error as RefluxError {
                guard error.found.contains(RefluxError.noReason) else { continue }
                error.found = "with \(what): \(error.found)"
                error.check = "errors"
                throw error
            }
        }
        let part = try exercise.make(bench)
        for input in 0..<exercise.inputCount {
            guard case .refusal(var error) = try await exercise.outcome(of: input, from: part),
                error.found.contains(RefluxError.noReason)
            else { continue }
            error.check = "errors"
            throw error
        }
    }

    /// No input makes the extension write where it must not.
    func checkMemory<E: Exercise>(_ exercise: E) async throws {
        let part = try exercise.make(bench)
        for input in 0..<exercise.inputCount {
            if case .refusal(let error) = try await exercise.outcome(of: input, from: part),
                Self.damage.contains(error.check ?? "")
            {
                throw error
            }
        }
    }

    private static let damage = [PluginCheck.callBounds.rawValue, PluginCheck.callInput.rawValue]
}
