import RefluxCore

// Errors arrive as they were thrown; requests for parts as they were made.

extension RefluxError: WireCodable {
    func encode(to writer: inout WireWriter) {
        writer.write(raw: kind)
        writer.write(found)
        writer.write(location) { $0.write($1) }
        for text in [wanted, remedy, check] { writer.write(text) { $0.write($1) } }
    }

    init(from reader: inout WireReader) throws(WireError) {
        self.init(
            try reader.read(raw: Kind.self), found: try reader.read(),
            at: try reader.optional { reader throws(WireError) in
                try reader.read(SourceLocation.self)
            },
            wanted: try reader.optionalText(), remedy: try reader.optionalText(),
            check: try reader.optionalText())
    }
}

extension SourceLocation: WireCodable {
    func encode(to writer: inout WireWriter) {
        writer.write(path)
        writer.write(line) { $0.write($1) }
        writer.write(column) { $0.write($1) }
        writer.write(key) { $0.write($1) }
    }

    init(from reader: inout WireReader) throws(WireError) {
        self.init(
            path: try reader.read(),
            line: try reader.optional { reader throws(WireError) in try reader.read() },
            column: try reader.optional { reader throws(WireError) in try reader.read() },
            key: try reader.optionalText())
    }
}

extension ExtensionRequest: WireCodable {
    func encode(to writer: inout WireWriter) {
        writer.write(extensionID)
        writer.write(name)
        writer.write(configuration)
        writer.write(seed)
        writer.write(baseFolder)
        writer.write(load) { $0.write($1) }
    }

    init(from reader: inout WireReader) throws(WireError) {
        self.init(
            extensionID: try reader.read(), name: try reader.read(),
            configuration: try reader.read(), seed: try reader.read(),
            baseFolder: try reader.read(), load: try reader.optionalText())
    }
}
