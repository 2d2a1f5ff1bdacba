using System.Reflection;

namespace Kernmantle.Functions;

/// <summary>Makes a delegate that calls exactly the given method.</summary>
internal static class BoundDelegate
{
    public static Delegate Create(Type type, object? target, MethodInfo method)
    {
        Delegate created = target is null && !method.IsStatic
            ? throw new InvalidOperationException("An instance method without an object.")
            : Delegate.CreateDelegate(type, target, method);
        if (created.Method == method || !method.IsVirtual || target is ValueType)
            return created;

        // The reflected way calls the most derived override, but the host's delegate was one of base.Method.
        return (Delegate)Activator.CreateInstance(type, target, method.MethodHandle.GetFunctionPointer())!;
    }
}
