using System.Reflection;

namespace Kernmantle.Functions;

/// <summary>From types known at run time to generic code.</summary>
internal static class Reflected
{
    /// <summary>
    /// The same static generic method with other type arguments, as a delegate: what it throws is thrown as it is, and a
    /// worker saves at its start what a first call through reflection costs (1 to 2 ms).
    /// </summary>
    public static TDelegate With<TDelegate>(TDelegate method, params Type[] types)
        where TDelegate : Delegate =>
        method.Method.GetGenericMethodDefinition().MakeGenericMethod(types).CreateDelegate<TDelegate>();
}
