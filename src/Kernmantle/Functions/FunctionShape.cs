using System.Reflection;

namespace Kernmantle.Functions;

/// <summary>What a function hands back.</summary>
internal enum ReturnKind : byte
{
    /// <summary>A value, or nothing.</summary>
    Value,

    /// <summary>A <see cref="System.Threading.Tasks.Task"/>, with or without a result.</summary>
    Task,

    /// <summary>An <see cref="IAsyncEnumerable{T}"/>; the result type of the function is then the type of its items.</summary>
    Stream,
}

/// <summary>How a function is called, beyond the types of its arguments and of its result.</summary>
/// <param name="Kind">What it hands back.</param>
/// <param name="IsVoid">It hands back nothing: the result type is <see cref="Unit"/>.</param>
/// <param name="HasToken">Its last parameter is a <see cref="CancellationToken"/>, which is not one of the arguments.</param>
/// <param name="FirstIsInstance">Its first argument is an object that lives in the worker and does not cross.</param>
/// <param name="ResultIsInstance">Its result is an object that stays in the worker and does not cross.</param>
internal readonly record struct FunctionShape(ReturnKind Kind, bool IsVoid, bool HasToken, bool FirstIsInstance = false, bool ResultIsInstance = false)
{
    /// <summary>All of it in one byte.</summary>
    public byte Bits => (byte)((int)Kind
        | (IsVoid ? 4 : 0)
        | (HasToken ? 8 : 0)
        | (FirstIsInstance ? 16 : 0)
        | (ResultIsInstance ? 32 : 0));

    /// <summary>The shape that a delegate of the <c>Func</c> and <c>Action</c> families is called with.</summary>
    public static FunctionShape Of(Delegate function)
    {
        MethodInfo invoke = function.GetType().GetMethod("Invoke")!;
        Type returned = invoke.ReturnType;
        Type? definition = returned.IsGenericType ? returned.GetGenericTypeDefinition() : null;
        ReturnKind kind = returned == typeof(Task) || definition == typeof(Task<>) ? ReturnKind.Task
            : definition == typeof(IAsyncEnumerable<>) ? ReturnKind.Stream
            : ReturnKind.Value;
        bool isVoid = returned == typeof(void) || returned == typeof(Task);
        return new(kind, isVoid, HasToken: Array.FindLast(invoke.GetParameters(), static _ => true)?.ParameterType == typeof(CancellationToken));
    }

    public static FunctionShape FromBits(byte bits) =>
        new((ReturnKind)(bits & 3), (bits & 4) != 0, (bits & 8) != 0, (bits & 16) != 0, (bits & 32) != 0);
}

/// <summary>The result of a function that has none.</summary>
internal readonly record struct Unit;
