using Kernmantle.Functions;

namespace Kernmantle.Python;

/// <summary>
/// Python code raised. The worker and the pool stay usable. The exceptions it was raised from (<c>__cause__</c>, else <c>__context__</c>) are its
/// <see cref="Exception.InnerException"/>s.
/// </summary>
public sealed class PythonException : WorkerException
{
    /// <summary>Makes one by hand, for a test: the arguments are what the properties say.</summary>
    public PythonException(string message, string typeName, string traceback = "", PythonException? innerException = null)
        : base(message, innerException) => (TypeName, Traceback) = (typeName, traceback);

    internal PythonException(RemoteFailure failure)
        : base(failure.Message, failure.Inner is null ? null : new PythonException(failure.Inner))
    {
        TypeName = failure.TypeName;
        Traceback = failure.StackTrace ?? "";
    }

    /// <summary>The qualified name of the exception's class, without <c>builtins</c>: <c>ValueError</c>, <c>json.decoder.JSONDecodeError</c>.</summary>
    public string TypeName { get; }

    /// <summary>What Python would have printed: the traceback, and for a syntax error the line and a caret.</summary>
    public string Traceback { get; }

    internal override string ThrownType => TypeName;

    /// <inheritdoc/>
    public override string ToString() => $"{base.ToString()}{Environment.NewLine}--- raised in Python as {TypeName} ---{Environment.NewLine}{Traceback}";
}

/// <summary>There is no such module or function. The worker and the pool stay usable.</summary>
public sealed class PythonFunctionNotFoundException : WorkerException
{
    /// <summary>Makes one by hand, for a test.</summary>
    public PythonFunctionNotFoundException(string message)
        : base(message)
    {
    }
}

/// <summary>An interface with a <see cref="PythonModuleAttribute"/> and its module differ. Nothing of the module was called; the worker and the pool stay usable.</summary>
public sealed class PythonSignatureException : WorkerException
{
    /// <summary>Makes one by hand, for a test: the arguments are what the properties say.</summary>
    public PythonSignatureException(string message, string moduleName, IReadOnlyList<string> mismatches)
        : base(message) => (ModuleName, Mismatches) = (moduleName, mismatches);

    /// <summary>The module, or the full path of its file.</summary>
    public string ModuleName { get; }

    /// <summary>Everything that differs: the method, what, and for most what to do.</summary>
    public IReadOnlyList<string> Mismatches { get; }
}

/// <summary>
/// The call returned a value that does not fit the C# type asked for, or has no C# counterpart. The function has run; the worker and the pool
/// stay usable.
/// </summary>
public sealed class PythonConversionException : WorkerException
{
    /// <summary>Makes one by hand, for a test: the arguments are what the properties say.</summary>
    public PythonConversionException(string message, string path, string pythonType, Type wanted, Exception? innerException = null)
        : base(message, innerException) => (Path, PythonType, Wanted) = (path, pythonType, wanted);

    /// <summary>Where in the result it is, as one would write it in Python; empty for the result itself.</summary>
    public string Path { get; }

    /// <summary>The Python name of the value's type.</summary>
    public string PythonType { get; }

    /// <summary>The C# type it was to have.</summary>
    public Type Wanted { get; }
}

/// <summary>No usable Python interpreter. The message says where it was looked for, and what to do.</summary>
public sealed class PythonNotFoundException : WorkerException
{
    /// <summary>Makes one by hand, for a test.</summary>
    public PythonNotFoundException(string message)
        : base(message)
    {
    }
}
