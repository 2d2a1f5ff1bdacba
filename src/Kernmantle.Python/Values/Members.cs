using System.Linq.Expressions;
using System.Reflection;
using System.Text;
using System.Text.Json;

namespace Kernmantle.Python.Values;

/// <summary>The two styles of names.</summary>
internal static class MemberNames
{
    /// <summary><c>FirstName</c> is <c>first_name</c> in Python.</summary>
    public static string ToPython(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    /// <summary>What names have in common that differ only in case and underscores.</summary>
    public static string Fold(string name) => name.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
}

/// <summary>One readable member of an object, or one item of a tuple.</summary>
internal abstract class Member<TOwner>(string name)
{
    public string Name { get; } = name;

    public string PythonName { get; } = MemberNames.ToPython(name);

    public byte[] Utf8 { get; } = Encoding.UTF8.GetBytes(MemberNames.ToPython(name));

    public abstract void Write(ref PythonWriter writer, TOwner owner);

    public abstract object? Read(ref PythonReader reader);

    public static Member<TOwner> Create(string name, Type type, Func<Expression, Expression> get)
    {
        if (type.IsByRef || type.IsByRefLike || type.IsPointer || type.IsFunctionPointer)
            return new UnsafeMember<TOwner>(name, type);
        ParameterExpression owner = Expression.Parameter(typeof(TOwner));
        Delegate getter = Expression.Lambda(typeof(Func<,>).MakeGenericType(typeof(TOwner), type), get(owner), owner).Compile();
        return (Member<TOwner>)Activator.CreateInstance(typeof(Member<,>).MakeGenericType(typeof(TOwner), type), name, getter)!;
    }
}

internal sealed class Member<TOwner, TValue>(string name, Func<TOwner, TValue> get) : Member<TOwner>(name)
{
    public override void Write(ref PythonWriter writer, TOwner owner)
    {
        TValue value;
        try
        {
            value = get(owner);
        }
        catch (Exception exception)
        {
            throw new RefusedValueException($"a property that throws {exception.GetType().Name},", "Pass an object whose properties can be read.", exception);
        }
        ValueCodecs<TValue>.Codec.Write(ref writer, value);
    }

    public override object? Read(ref PythonReader reader) => ValueCodecs<TValue>.Codec.Read(ref reader);
}

/// <summary>A member that no generic code can hold.</summary>
internal sealed class UnsafeMember<TOwner>(string name, Type type) : Member<TOwner>(name)
{
    public override void Write(ref PythonWriter writer, TOwner owner) => throw new RefusedValueException(type.Name, "Memory has other addresses there: pass a copy as an array.");

    public override object? Read(ref PythonReader reader) => throw new PythonValueMismatchException(reader.Describe(), type, "Ask for an array.");
}

/// <summary>Turns what was read for each slot into an object, in compiled code.</summary>
internal static class Construction
{
    /// <summary>Expression: the slot's value as that type.</summary>
    public static Expression Slot(Expression slots, int index, Type type) => Expression.Convert(Expression.ArrayIndex(slots, Expression.Constant(index)), type);

    public static object? DefaultOf(Type type) => type.IsValueType ? Activator.CreateInstance(type) : null;

    /// <summary>Properties that anyone may read, and public fields; those of base types too.</summary>
    public static IEnumerable<MemberInfo> ReadableMembers(Type type)
    {
        const BindingFlags flags = BindingFlags.Instance | BindingFlags.Public;
        IEnumerable<Type> bases = Chain(type).Reverse();
        Dictionary<string, MemberInfo> members = [];
        foreach (Type level in bases)
        {
            foreach (PropertyInfo property in level.GetProperties(flags | BindingFlags.DeclaredOnly).Where(static p => p.GetMethod is { IsPublic: true } && p.GetIndexParameters().Length == 0))
                members[property.Name] = property;
            foreach (FieldInfo field in level.GetFields(flags | BindingFlags.DeclaredOnly))
                members[field.Name] = field;
        }
        return members.Values;
    }

    private static IEnumerable<Type> Chain(Type type)
    {
        for (Type? level = type; level is not null && level != typeof(object) && level != typeof(ValueType); level = level.BaseType)
            yield return level;
    }
}
