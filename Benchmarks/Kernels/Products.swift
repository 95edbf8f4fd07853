import CKernels

/// Products of matrices, of the shapes of SmolLM2-135M.
enum Products {
    private static let (depth, columns) = (576, 3072)

    static var all: [Kernel] {
        var kernels: [Kernel] = []
        if reflux_has_panel_products() {
            for bf16 in [false, true] {
                kernels += [1, 32, 128].map { panels(rows: $0, bf16: bf16) }
                kernels += [outer(bf16: bf16), fillPanels(bf16: bf16)]
            }
        }
        if reflux_has_int8_products() {
            kernels += [1, 32, 128].map(int8)
            kernels += [fillInt8, roundRows]
        }
        return kernels
    }

    private static func operations(_ rows: Int) -> Double { 2 * Double(rows * depth * columns) }

    private static func panels(rows: Int, bf16: Bool) -> Kernel {
        let flag: Int32 = bf16 ? 1 : 0
        let matrix = Memory.bytes(reflux_panel_bytes(Int32(columns), Int32(depth), flag))
        reflux_fill_panels(
            Memory.floats(columns * depth), 0, 1, depth, Int32(depth), Int32(columns), matrix, flag)
        let x = Memory.factors(rows * depth, bf16: bf16)
        let y = Memory.floats(rows * columns)
        let scratch = Memory.bytes(reflux_multiply_scratch())
        return Kernel(
            name: "product \(bf16 ? "bf16" : "f32"), \(rows) rows", work: operations(rows),
            unit: "GOP"
        ) {
            reflux_multiply_panels(
                x, Int32(rows), Int32(depth), matrix, Int32(columns), y, columns, 0, flag, scratch)
        }
    }

    private static func outer(bf16: Bool) -> Kernel {
        let (m, n, rows) = (512, depth, 512)
        let (a, b) = (Memory.factors(rows * m, bf16: bf16), Memory.factors(rows * n, bf16: bf16))
        let sum = Memory.floats(m * n)
        let scratch = Memory.bytes(reflux_multiply_scratch())
        return Kernel(
            name: "weight gradient \(bf16 ? "bf16" : "f32")", work: 2 * Double(m * n * rows),
            unit: "GOP"
        ) {
            reflux_add_outer(
                a, m, b, n, Int32(m), Int32(n), Int32(rows), sum, bf16 ? 1 : 0, scratch)
        }
    }

    private static func fillPanels(bf16: Bool) -> Kernel {
        let flag: Int32 = bf16 ? 1 : 0
        let floats = Memory.floats(columns * depth)
        let matrix = Memory.bytes(reflux_panel_bytes(Int32(columns), Int32(depth), flag))
        return Kernel(
            name: "packing \(bf16 ? "bf16" : "f32")", work: Double(columns * depth),
            unit: "Gnumbers"
        ) {
            reflux_fill_panels(
                floats, 0, 1, depth, Int32(depth), Int32(columns), matrix, flag)
        }
    }

    private static func int8(rows: Int) -> Kernel {
        let matrix = Memory.bytes(reflux_int8_matrix_bytes(Int32(columns), Int32(depth)))
        reflux_fill_int8_matrix(
            Memory.floats(columns * depth), 1, depth, Int32(depth), Int32(columns), matrix)
        let x = Memory.bytes(rows * reflux_int8_row_bytes(Int32(depth)))
        reflux_round_rows(Memory.floats(rows * depth), Int32(rows), Int32(depth), x)
        let y = Memory.floats(rows * columns)
        return Kernel(name: "product int8, \(rows) rows", work: operations(rows), unit: "GOP") {
            reflux_multiply_int8(
                x, Int32(rows), Int32(depth), matrix, Int32(columns), y, columns, 0)
        }
    }

    private static var fillInt8: Kernel {
        let floats = Memory.floats(columns * depth)
        let matrix = Memory.bytes(reflux_int8_matrix_bytes(Int32(columns), Int32(depth)))
        return Kernel(name: "packing int8", work: Double(columns * depth), unit: "Gnumbers") {
            reflux_fill_int8_matrix(floats, 1, depth, Int32(depth), Int32(columns), matrix)
        }
    }

    private static var roundRows: Kernel {
        let rows = 128
        let floats = Memory.floats(rows * depth)
        let out = Memory.bytes(rows * reflux_int8_row_bytes(Int32(depth)))
        return Kernel(name: "rounding rows int8", work: Double(rows * depth), unit: "Gnumbers") {
            reflux_round_rows(floats, Int32(rows), Int32(depth), out)
        }
    }
}
