using System.ComponentModel;

namespace Kernmantle.Python;

/// <summary>What a method of a typed face says of its function; written by the compiler. Immutable.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class PythonMethod
{
    /// <summary>For generated code.</summary>
    /// <param name="name">The method.</param>
    /// <param name="function">The function in its module.</param>
    /// <param name="isStream">Whether it yields.</param>
    /// <param name="result">Of what type the result or the items are; null for none.</param>
    /// <param name="parameters">What it gives to the function, in the order of the method.</param>
    public PythonMethod(string name, string function, bool isStream, Type? result, params PythonParameter[] parameters) =>
        (Name, Function, IsStream, Result, Parameters) = (name, function, isStream, result, parameters);

    internal string Name { get; }

    internal string Function { get; }

    internal bool IsStream { get; }

    internal Type? Result { get; }

    internal IReadOnlyList<PythonParameter> Parameters { get; }
}

/// <summary>One thing that a method gives to its function; written by the compiler. Immutable.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class PythonParameter
{
    /// <summary>For generated code.</summary>
    public PythonParameter(string name, Type type, PythonPassing passing) => (Name, Type, Passing) = (name, type, passing);

    /// <summary>In Python.</summary>
    internal string Name { get; }

    internal Type Type { get; }

    internal PythonPassing Passing { get; }
}

/// <summary>How a parameter reaches the function.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public enum PythonPassing
{
    /// <summary>By its position: it has no default value.</summary>
    Position,

    /// <summary>By its name: it has a default value.</summary>
    Name,

    /// <summary>By its name, and not at all where it is null, which is its default value.</summary>
    NameUnlessNull,
}
