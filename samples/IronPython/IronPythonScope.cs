using IronPython.Hosting;
using Microsoft.Scripting.Hosting;

namespace IronPythonSample;

/// <summary>A scope of IronPython. The engine, which takes most of the time that a start takes, is one for all scopes of its process.</summary>
internal sealed class IronPythonScope : IPythonScope
{
    private static readonly ScriptEngine Engine = Python.CreateEngine();

    private readonly ScriptScope scope = Engine.CreateScope();

    public void Run(string source) => Told(() => Engine.Execute(source, scope));

    public object? Call(string function, params object?[] arguments) => Told(() => Engine.Operations.Invoke(scope.GetVariable(function), arguments));

    /// <summary>What Python raises has Python's traceback as its message: the stack of .NET tells of the interpreter.</summary>
    private static object? Told(Func<object?> work)
    {
        try
        {
            return work();
        }
        catch (Exception raised)
        {
            throw new InvalidOperationException(Engine.GetService<ExceptionOperations>().FormatException(raised).Trim(), raised);
        }
    }
}
