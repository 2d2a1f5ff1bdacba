using System.Reflection;

namespace Kernmantle.Calls;

/// <summary>From a type known at run time to generic code. What that code throws is thrown as it is.</summary>
internal static class Reflected
{
    /// <summary>Calls the only constructor. Not through <see cref="Activator"/>, whose search for a fitting one costs a worker a millisecond at its start.</summary>
    public static T New<T>(Type type, params object?[] arguments) =>
        (T)type.GetConstructors()[0].Invoke(BindingFlags.DoNotWrapExceptions, null, arguments, null);

    /// <summary>Calls a static generic method with the given type arguments.</summary>
    public static T Call<T>(MethodInfo generic, params Type[] types) =>
        (T)generic.MakeGenericMethod(types).Invoke(null, BindingFlags.DoNotWrapExceptions, null, null, null)!;
}
