using System.Reflection;
using Kernmantle.Functions.Capturing;

namespace Kernmantle.Functions;

/// <summary>Finds the functions that have no identity in another process, before anything else is asked of them.</summary>
internal static class Refusals
{
    /// <summary>A delegate that calls several functions.</summary>
    public static NotPortableException Multicast() =>
        new("A delegate that combines several functions", "Pass one function; call the others from it.");

    /// <summary>Refuses what is not a method of an assembly, or is bound to its target in an unusual way.</summary>
    /// <exception cref="NotPortableException">It is refused.</exception>
    public static void Check(Delegate function, MethodInfo method)
    {
        if (method.DeclaringType is not { } declaring || IsInterpreter(declaring))
            throw new NotPortableException("A function made at run time (a compiled expression or a dynamic method)", "Pass a lambda or a method of an assembly.");
        if (declaring.IsAssignableTo(typeof(Delegate)) || function.Target is Delegate)
            throw new NotPortableException("A delegate that wraps another delegate or a native function", "Pass the inner function itself, or a static lambda that calls it.");
        if (function.Target is null && !method.IsStatic)
            throw new NotPortableException($"The instance method {GeneratedNames.Of(method)} without its object", "Pass a lambda that calls it on its argument.");
    }

    /// <summary>The same refusal, of something that contains what was refused.</summary>
    public static NotPortableException Named(string what, Type type, NotPortableException cause)
    {
        string typeName = GeneratedNames.Of(type);
        string name = $"{what} ({typeName})";
        bool isWhole = cause.Subject == name || cause.Subject == typeName || cause.Subject == type.Name || cause.Subject == type.FullName || cause.Subject == type.ToString();
        return new(isWhole ? name : $"{name}: {cause.Subject}", cause.Remedy, cause);
    }

    /// <summary>What the delegates of interpreted expressions call.</summary>
    private static bool IsInterpreter(Type declaring) =>
        declaring.Namespace is "System.Dynamic.Utils" or "System.Linq.Expressions.Interpreter"
        && declaring.Assembly.GetName().Name == "System.Linq.Expressions";
}
