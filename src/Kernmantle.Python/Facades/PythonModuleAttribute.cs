namespace Kernmantle.Python;

/// <summary>
/// The interface is the typed face of a Python module: the compiler writes what calls it, and <see cref="PythonPool.BindAsync{T}"/> compares it with the module.
/// The interface is partial, and each of its methods returns <c>Task&lt;T&gt;</c>, <c>Task</c> or <c>IAsyncEnumerable&lt;T&gt;</c>.
/// </summary>
/// <param name="module">The name of a module (<c>"shop.stats"</c>), or a file that ends in <c>.py</c>, relative to the folder of the program.</param>
/// <example><c>[PythonModule("stats.py")] partial interface IStats { Task&lt;double&gt; MeanAsync(ReadOnlyMemory&lt;double&gt; values); }</c></example>
[AttributeUsage(AttributeTargets.Interface)]
public sealed class PythonModuleAttribute(string module) : Attribute
{
    /// <summary>The module, or its file.</summary>
    public string Module { get; } = module;
}

/// <summary>
/// What a method, or a parameter with a default value, of a typed face is called in Python, where it is not the C# name in <c>snake_case</c> (of a method: without
/// <c>Async</c>).
/// </summary>
/// <param name="name">The name in Python; of a method, also <c>"object.method"</c>.</param>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Parameter)]
public sealed class PythonNameAttribute(string name) : Attribute
{
    /// <summary>The name.</summary>
    public string Name { get; } = name;
}
