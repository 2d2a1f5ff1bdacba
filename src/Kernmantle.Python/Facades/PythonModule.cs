using System.ComponentModel;

namespace Kernmantle.Python;

/// <summary>A typed face of a Python module. Implemented by the compiler where an interface has a <see cref="PythonModuleAttribute"/>.</summary>
/// <typeparam name="TSelf">The interface itself.</typeparam>
public interface IPythonModule<TSelf>
    where TSelf : class, IPythonModule<TSelf>
{
    /// <summary>What the interface says of the module.</summary>
    static abstract PythonModule<TSelf> PythonFace { get; }
}

/// <summary>What an interface says of a module; written by the compiler. Immutable.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class PythonModule<T>
    where T : class, IPythonModule<T>
{
    private readonly string module;
    private readonly Func<PythonModuleCalls, T> create;
    private readonly PythonMethod[] methods;

    /// <summary>For generated code.</summary>
    public PythonModule(string module, Func<PythonModuleCalls, T> create, params PythonMethod[] methods) =>
        (this.module, this.create, this.methods) = (module, create, methods);

    internal IReadOnlyList<PythonMethod> Methods => methods;

    /// <summary>The module's name, or the full path of its file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    internal string Locate()
    {
        if (!module.EndsWith(".py", StringComparison.Ordinal))
            return module;
        string file = Path.GetFullPath(module, AppContext.BaseDirectory);
        return File.Exists(file) ? file
            : throw new FileNotFoundException($"There is no module '{file}', which {typeof(T).Name} names. Have it copied beside the program: <None Update=\"{module}\" CopyToOutputDirectory=\"PreserveNewest\" />.", file);
    }

    internal T Create(PythonModuleCalls calls) => create(calls);
}

/// <summary>How generated code calls the functions of a module. Thread-safe.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class PythonModuleCalls
{
    private readonly PythonPool pool;
    private readonly string prefix;

    internal PythonModuleCalls(PythonPool pool, string module) => (this.pool, prefix) = (pool, module + ":");

    /// <inheritdoc cref="PythonPool.CallAsync{T}(string, PythonArguments, CallOptions, CancellationToken)"/>
    public Task<T> CallAsync<T>(string function, PythonArguments arguments, CallOptions? options, CancellationToken cancellationToken) =>
        pool.CallAsync<T>(prefix + function, arguments, options, cancellationToken);

    /// <inheritdoc cref="PythonPool.StreamAsync{T}(string, PythonArguments, CallOptions, CancellationToken)"/>
    public IAsyncEnumerable<T> StreamAsync<T>(string function, PythonArguments arguments, CallOptions? options, CancellationToken cancellationToken) =>
        pool.StreamAsync<T>(prefix + function, arguments, options, cancellationToken);
}
