import RefluxCore

/// A model on disk and the way it is to be opened: which weights and which adapter.
struct OpenedModel {
    let folder: ModelFolder
    let options: ModelOptions
    let arithmetic: Arithmetic

    /// Loads the model, packed by nobody yet: with weights of its own where those are trained, else
    /// with weights that others may share.
    ///
    /// - Throws: ``RefluxError``: kind `input` for the files, `usage` for an adapter that is not that
    ///   of the folder, `system` when memory is short.
    func transformer(bodies: FrozenBodies, pool: ComputePool) throws -> Transformer {
        guard let settings = try settings() else {
            guard options.trainable else {
                return try bodies.body(of: folder, arithmetic: arithmetic, pool: pool)
            }
            let model = try Transformer(
                folder.configuration, arithmetic: arithmetic, pool: pool, trainable: true)
            try folder.loadParameters(model.layout, into: model.parameters)
            return model
        }
        let adapter = try LowRankAdapter(
            settings, of: folder.configuration, arithmetic: arithmetic.ofActivations,
            trainable: options.trainable)
        if let saved = folder.adapter {
            let file = try saved.file(adapter.layout)
            for entry in adapter.layout.entries {
                let range = entry.offset..<entry.offset + entry.count
                try file.read(entry.name, into: .init(rebasing: adapter.parameters[range]))
            }
        } else {
            adapter.initialize(seed: options.seed)
        }
        let body = try bodies.body(of: folder, arithmetic: arithmetic, pool: pool)
        return Transformer(body, adapter: adapter)
    }

    /// What responses are drawn from: the model, or its parameters in another arithmetic, which follow
    /// it through its training.
    ///
    /// - Throws: ``RefluxError`` of kind `system` when memory is short.
    func sampler(
        of model: Transformer, in arithmetic: Arithmetic, bodies: FrozenBodies
    ) throws -> Transformer {
        guard arithmetic != model.arithmetic else { return model }
        guard !options.trainable || model.adapter != nil else {
            return try Transformer(
                model.configuration, arithmetic: arithmetic, pool: model.pool, trainable: false,
                sharing: model)
        }
        let body = try bodies.body(of: folder, arithmetic: arithmetic, pool: model.pool)
        return model.adapter.map { Transformer(body, adapter: $0) } ?? body
    }

    /// The shape of the adapter: the folder's, or that of a new one.
    private func settings() throws -> AdapterSettings? {
        guard let saved = folder.adapter else {
            guard options.adapter == nil || options.trainable else {
                throw RefluxError(
                    .usage, found: "a new adapter was asked of a model that is not trained",
                    at: SourceLocation(path: folder.path),
                    remedy: "Open the model with trainable: true, or without an adapter.")
            }
            return options.adapter
        }
        guard let asked = options.adapter else { return saved.settings }
        guard asked.fits(saved.settings) else {
            throw RefluxError(
                .usage, found: "the adapter of the folder has \(saved.settings.words)",
                at: SourceLocation(path: saved.path), wanted: asked.words,
                remedy: "Ask for an adapter of that shape, or merge this one into its model with "
                    + "reflux model convert and begin a new one.")
        }
        return asked
    }
}
