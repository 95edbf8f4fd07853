/// The name and the version of this program, as plugins see them.
package let refluxName: StaticString = "reflux 0.2.0"

/// The version of Reflux.
package let refluxVersion = String("\(refluxName)".dropFirst("reflux ".count))
